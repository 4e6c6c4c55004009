DELETE FROM debian_packages WHERE section = 'python';
