"""Ask a folder of articles and get back their own words: the library, usable without Discord or a terminal."""
