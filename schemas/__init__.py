"""From a definition of attributes and extensions to compiled marshmallow schemas."""
