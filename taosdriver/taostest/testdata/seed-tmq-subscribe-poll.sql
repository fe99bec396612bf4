-- What was there when tmq-subscribe-poll was recorded.
CREATE DATABASE gold_tmq VGROUPS 2
CREATE STABLE gold_tmq.st (ts TIMESTAMP, v INT, d DOUBLE, s NCHAR(10)) TAGS (g INT)
CREATE TOPIC gold_topic_q AS SELECT ts, v, d, s, g, tbname FROM gold_tmq.st
INSERT INTO gold_tmq.c0 USING gold_tmq.st TAGS (0) VALUES (1700000000000, 0, 0.5, '行0')(1700000000010, 10, 1.5, '行1')(1700000000020, 20, 2.5, '行2') gold_tmq.c1 USING gold_tmq.st TAGS (1) VALUES (1700000000001, 1, 0.5, '行0')(1700000000011, 11, 1.5, '行1')(1700000000021, 21, 2.5, '行2') gold_tmq.c2 USING gold_tmq.st TAGS (2) VALUES (1700000000002, 2, 0.5, '行0')(1700000000012, 12, 1.5, '行1')(1700000000022, 22, 2.5, '行2') gold_tmq.c3 USING gold_tmq.st TAGS (3) VALUES (1700000000003, 3, 0.5, '行0')(1700000000013, 13, 1.5, '行1')(1700000000023, 23, 2.5, '行2')
