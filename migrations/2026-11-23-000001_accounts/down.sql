DROP TABLE consents;
DROP TABLE users;
