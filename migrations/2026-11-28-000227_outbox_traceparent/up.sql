-- The trace that an event belongs to, where traces are exported: the value of a header, with which
-- the event is delivered. It names nobody.
ALTER TABLE outbox ADD COLUMN traceparent text;
