-- +goose Up
-- Lists read only an index until the page is known: one for each way of asking,
-- each holding all that its order needs.
CREATE INDEX referral_all ON referral (programme, desk, compartment, sent, id);
CREATE INDEX referral_with ON referral (programme, desk, compartment, partner, sent, id);
CREATE INDEX referral_received ON referral (programme, partner, sent, id);
DROP INDEX referral_late;
CREATE INDEX referral_late ON referral (programme, escalated, due, id, partner) WHERE due > 0;

-- +goose Down
DROP INDEX referral_late;
CREATE INDEX referral_late ON referral (programme, escalated, due, id) WHERE due > 0;
DROP INDEX referral_received;
DROP INDEX referral_with;
DROP INDEX referral_all;
