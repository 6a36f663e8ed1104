-- +goose Up
-- An analyst's lists of all desks: one index for each filter that may leave little of a million items.
CREATE INDEX intel_view_category ON intel_view (programme, compartment, approved, category, created, item);
CREATE INDEX intel_view_seriousness ON intel_view (programme, compartment, approved, seriousness, created, item);
CREATE INDEX intel_view_malicious ON intel_view (programme, compartment, approved, created, item) WHERE malicious = 1;
CREATE INDEX intel_view_voice ON intel_view (programme, compartment, approved, created, item) WHERE one_voice = 1;
CREATE INDEX intel_view_review ON intel_view (programme, compartment, approved, review);

-- +goose Down
DROP INDEX intel_view_review;
DROP INDEX intel_view_voice;
DROP INDEX intel_view_malicious;
DROP INDEX intel_view_seriousness;
DROP INDEX intel_view_category;
