DROP INDEX CONCURRENTLY IF EXISTS refresh_tokens_live_idx;
