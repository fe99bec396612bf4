-- The topic that consumers ask for.
CREATE DATABASE gold_topic_stb VGROUPS 2
CREATE STABLE gold_topic_stb.st (ts TIMESTAMP, v INT, d DOUBLE, s NCHAR(10)) TAGS (g INT)
CREATE TOPIC gold_topic_stb AS STABLE gold_topic_stb.st
