"""For the tests of an application: databases that its migrations have made, and tests of the migrations themselves."""
