-- The register of parties grows: what was agreed with each beyond its roles, and from when until when a certificate is taken.
-- Days are RFC 3339 dates, moments as elsewhere.

ALTER TABLE party ADD COLUMN terms TEXT COLLATE "C" NOT NULL DEFAULT '{}'; -- JSON

ALTER TABLE party_certificate ADD COLUMN valid_from TEXT COLLATE "C";
ALTER TABLE party_certificate ADD COLUMN valid_until TEXT COLLATE "C";
ALTER TABLE party_certificate ADD COLUMN expires_at TEXT COLLATE "C";
