"""Force plates of Tec Gihan: six components each, several on one controller; the maker publishes its protocol."""
