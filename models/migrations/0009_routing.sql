-- +goose Up
-- How a suggestion is classified, who answers it and by when.

-- routed: why its fields say what they say. reply_next_at: when something is next to be said of its clock, the warning or the breach.
ALTER TABLE suggestions ADD COLUMN routed TEXT NOT NULL DEFAULT '';
ALTER TABLE suggestions ADD COLUMN reply_next_at TIMESTAMP;
CREATE INDEX suggestions_clock ON suggestions (reply_next_at) WHERE first_replied_at IS NULL AND reply_next_at IS NOT NULL;
CREATE INDEX suggestions_filed ON suggestions (created_at, urgency, team, source, reply_due_at, first_replied_at, state);

CREATE TABLE routing_rules (
    id         TEXT PRIMARY KEY,
    position   BIGINT NOT NULL,
    name       TEXT NOT NULL DEFAULT '',
    conditions TEXT NOT NULL,
    outcome    TEXT NOT NULL,
    disabled   BOOLEAN NOT NULL DEFAULT FALSE,
    rev        BIGINT NOT NULL DEFAULT 1,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX routing_rules_order ON routing_rules (position);

CREATE TABLE teams (
    key        TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE TABLE team_members (
    team      TEXT NOT NULL,
    member_id TEXT NOT NULL,
    PRIMARY KEY (team, member_id)
);
CREATE INDEX team_members_member ON team_members (member_id);

CREATE TABLE clock_settings (
    id              BIGINT PRIMARY KEY,
    clocks          TEXT NOT NULL,
    rev             BIGINT NOT NULL,
    recompute_after TEXT,
    updated_at      TIMESTAMP NOT NULL
);

CREATE TABLE clock_marks (
    suggestion_id TEXT NOT NULL,
    due_at        TIMESTAMP NOT NULL,
    step          TEXT NOT NULL,
    sweep         TEXT NOT NULL,
    created_at    TIMESTAMP NOT NULL,
    PRIMARY KEY (suggestion_id, due_at, step)
);
CREATE INDEX clock_marks_sweep ON clock_marks (sweep);

-- What the team begins with: its own to change.
INSERT INTO routing_rules (id, position, conditions, outcome, created_at, updated_at) VALUES
('rul_00000000000000000000000010', 1, '{"words":["stolen","hacked","drained","scammed","phished","got phished","unauthorized transaction*","unauthorised transaction*","wallet compromised","compromised wallet","wallet is compromised","wallet was compromised","被盗","盗走","盗币","盗刷","被偷","被黑客","被黑了","被骗","被转走","私钥泄露","助记词泄露","私钥被泄露","助记词被泄露","钓鱼网站"]}', '{"urgency":"critical"}', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP),
('rul_00000000000000000000000020', 2, '{"words":["can''t open","cannot open","can not open","won''t open","unable to open","doesn''t open","can''t log in","cannot log in","can''t login","cannot login","unable to log in","can''t access my wallet","cannot access my wallet","locked out","打不开","无法打开","登不上","登录不了","登录不上","无法登录","进不去","进不了钱包"]}', '{"urgency":"high"}', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP),
('rul_00000000000000000000000030', 3, '{"words":["missing funds","funds missing","funds are missing","funds are gone","funds disappeared","money is gone","coins are gone","balance is gone","balance disappeared","balance is zero","lost my funds","not arrived","never arrived","hasn''t arrived","haven''t arrived","didn''t arrive","did not arrive","not received","never received","haven''t received","没到账","未到账","不到账","没有到账","没收到转账","转账没收到","提币没收到","充值没收到","钱没了","钱不见了","币没了","币不见了","余额没了","余额不见了","余额为零","资产不见了","资产没了","资产丢失"]}', '{"urgency":"high"}', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP),
('rul_00000000000000000000000040', 4, '{"words":["charged twice","charged me twice","double charged","double charge","charged two times","paid twice","payment twice","duplicate payment*","duplicate charge*","deducted twice","重复扣款","重复扣费","重复支付","重复付款","扣了两次","扣了两笔","扣款两次","付了两次","多扣了"]}', '{"urgency":"high"}', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP),
('rul_00000000000000000000000050', 5, '{"kinds":["suggestion"]}', '{"urgency":"low"}', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP);
