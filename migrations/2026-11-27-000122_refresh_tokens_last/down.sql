DROP INDEX CONCURRENTLY IF EXISTS refresh_tokens_last_idx;
