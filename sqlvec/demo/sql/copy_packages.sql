COPY debian_packages (name, version, section, priority, architecture, installed_kb, size_bytes, is_library, tags,
                      meta, embedding) FROM STDIN
