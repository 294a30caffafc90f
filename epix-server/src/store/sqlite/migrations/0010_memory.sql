-- A server may remember what the books said, and answer with it as long as it still holds. The one server of a file sees each change
-- itself; what is counted here goes along when the books move to a database of many servers.

ALTER TABLE authority ADD COLUMN register INTEGER NOT NULL DEFAULT 0; -- how often its parties were replaced
