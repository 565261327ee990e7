-- While people move to another model, the face that was seen waits as both of them see it.
ALTER TABLE liveness_grants
    ADD COLUMN previous_model_id text,
    ADD COLUMN previous_sealed bytea,
    ADD CONSTRAINT liveness_grants_previous_whole
        CHECK ((previous_model_id IS NULL) = (previous_sealed IS NULL));
