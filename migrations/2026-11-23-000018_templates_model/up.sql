-- Which models there are templates of, and those of one.
CREATE INDEX CONCURRENTLY templates_model_idx ON templates (model_id);
