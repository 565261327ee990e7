DROP TABLE enrolment_images;
