-- A client is removed.
CREATE INDEX CONCURRENTLY authorization_requests_client_idx ON authorization_requests (client_id);
