-- What was there besides when query-json-tag was recorded.
CREATE TABLE gold_types_ms.j0 USING gold_types_ms.st TAGS ('{"a":null,"s":"x"}')
INSERT INTO gold_types_ms.j0 (ts, c_i32) VALUES (1700000000100, 0)
CREATE TABLE gold_types_ms.j1 USING gold_types_ms.st TAGS (NULL)
INSERT INTO gold_types_ms.j1 (ts, c_i32) VALUES (1700000000101, 1)
CREATE TABLE gold_types_ms.j2 USING gold_types_ms.st TAGS (NULL)
INSERT INTO gold_types_ms.j2 (ts, c_i32) VALUES (1700000000102, 2)
CREATE TABLE gold_types_ms.j9 USING gold_types_ms.st TAGS (NULL)
INSERT INTO gold_types_ms.j9 (ts, c_i32) VALUES (1700000000103, 9)
