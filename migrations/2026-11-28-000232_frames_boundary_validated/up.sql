-- Reads the table once, while it is read and written as ever. Attaching it then reads nothing.
ALTER TABLE liveness_frames VALIDATE CONSTRAINT liveness_frames_boundary;
