COPY sections (section, label, is_code) FROM STDIN (FORMAT csv)
