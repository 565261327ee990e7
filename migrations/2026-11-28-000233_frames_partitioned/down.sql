-- One table again, into which the rows of every day are copied. A digest that was added on two days
-- is there once.
LOCK TABLE liveness_frames IN ACCESS EXCLUSIVE MODE;

CREATE TABLE liveness_frames_whole
    (LIKE liveness_frames INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
INSERT INTO liveness_frames_whole
    SELECT digest, max(expires_at) FROM liveness_frames GROUP BY digest;
SELECT partition_grants('liveness_frames', 'liveness_frames_whole');
DROP TABLE liveness_frames;
DROP FUNCTION liveness_frames_once();
ALTER TABLE liveness_frames_whole RENAME TO liveness_frames;

DO $$
DECLARE
    boundary timestamp := date_trunc('month', now() AT TIME ZONE 'UTC') + interval '2 months';
BEGIN
    EXECUTE format('ALTER TABLE liveness_frames ADD CONSTRAINT liveness_frames_boundary '
        'CHECK (expires_at < %L) NOT VALID', boundary AT TIME ZONE 'UTC');
END $$;
ALTER TABLE liveness_frames ADD CONSTRAINT liveness_frames_pkey PRIMARY KEY (digest);
CREATE INDEX liveness_frames_expires_idx ON liveness_frames (expires_at);
