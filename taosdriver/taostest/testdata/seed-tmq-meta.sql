-- What was there when tmq-meta was recorded.
CREATE DATABASE gold_tmqmeta VGROUPS 1
CREATE TOPIC gold_topic_meta WITH META AS DATABASE gold_tmqmeta
