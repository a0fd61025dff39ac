"""Storage: one abstract DAO (`app.dao.base`), a package for each store behind it."""
