ALTER TABLE liveness_grants DROP COLUMN previous_model_id, DROP COLUMN previous_sealed;
