DROP TABLE liveness_grants;
DROP TABLE liveness_frames;
DROP TABLE liveness_sessions;
