DROP INDEX templates_model_idx;
