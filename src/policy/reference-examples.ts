/** One example for each top-level key, as YAML; joined in this order they are a policy. */
export const sectionExamples: Readonly<Record<string, string>> = {
  organization: 'organization: Astronomy Shop',
  timezone: 'timezone: America/New_York',
  environments: 'environments: [test, preproduction, production]',
  people: `people:
  rita: { name: Rita Ramos, email: rita@shop.example, slack: U01RITA, phone: "+15550100", level: senior }
  omar: { name: Omar Okafor, slack: U01OMAR }
  olga: { name: Olga Orlova, slack: U01OLGA }
  quinn: { name: Quinn Quill, slack: U01QUINN }
  dana: { name: Dana Dale, slack: U01DANA }
  bea: { name: Bea Bell, slack: U01BEA }
  mona: { name: Mona Marsh, slack: U01MONA }
  paul: { name: Paul Pike, slack: U01PAUL }
  sven: { name: Sven Storm, slack: U01SVEN }`,
  roles: `roles:
  release-manager: [rita]
  operations: [omar, olga]
  qa: [quinn]
  marketing: [mona]
  public-relations: [paul]
  senior-management: [sven]`,
  services: `services:
  checkout: { team: payments, owners: [dana], businessOwner: bea, dependsOn: [cart], platforms: [linux-amd64], plan: parallel-production }
  cart: { owners: [dana], businessOwner: bea, plan: gradual }`,
  builders: 'builders: { trusted: [https://ci.shop.example/builders/release] }',
  trains: `trains:
  weekly:
    cutoffs:
      in-test:
        at: Wednesday 12:00
        meeting: Wednesday 13:00
        reminders: [24h, 2h, 15m]
        requires: [build, deployed:test, records, date-approved]
      ready-for-production:
        at: Friday 10:00
        meeting: Friday 11:00
        requires: [sign-off:qa, verified:preproduction, records, approvals]
    windows:
      - { name: saturday-night, opens: Saturday 22:00, lasts: 4h, capacity: 20, cancelled: [2026-11-28] }
      - { name: extra, opens: 2026-12-02 22:00, lasts: 2h }`,
  freezes: `freezes:
  - { name: year end, from: 2026-12-18, to: 2027-01-04 }
  - { name: big sale, from: 2026-11-26 18:00, to: 2026-11-30 06:00 }`,
  approvals: `approvals:
  normal: [operations: 1, release-manager: 1]
  content: [operations: 1, marketing: 1, public-relations: 1]`,
  emergency: 'emergency: { requires: [build, deployed:test] }',
  vetoes: 'vetoes: [operations]',
  separation: 'separation: [cannotApproveOwn, deployerNotAuthor]',
  releaseManagers: 'releaseManagers: [release-manager]',
  plans: `plans:
  parallel-production:
    strategy: parallel-production
    sides: { names: [blue, green], live: { command: [./deploy.sh, live, "{service}"] } }
    steps:
      - name: prepare
        part: prepare
        run: { command: [./deploy.sh, prepare, "{service}", "{artifact}", "{new-side}"] }
        expected: 2m
        timeout: 10m
        undo: { command: [./deploy.sh, clean, "{service}", "{new-side}"] }
      - { name: smoke, part: verify, run: { command: [./verify.sh, "{service}", "{new-side}"] } }
      - name: switch
        part: switch
        run: { command: [./deploy.sh, switch, "{service}", "{new-side}"] }
        expected: 5s
        timeout: 1m
        undo: { command: [./deploy.sh, switch, "{service}", "{old-side}"] }
      - { name: validate, part: validate, run: { command: [./verify.sh, "{service}", live] } }
      - name: update
        part: refresh
        run: { command: [./deploy.sh, prepare, "{service}", "{artifact}", "{old-side}"] }
        undo: { command: [./deploy.sh, prepare, "{service}", "{previous}", "{old-side}"] }
    keepOldSide: 24h
    reserve: 15m
    claims: { payments-database: 1, bandwidth: 30 }
  gradual:
    strategy: phased
    phases:
      - { group: field-trial, bake: 1h, promote: button }
      - { percent: 25, bake: 15m }
      - { percent: 100, bake: 0m }
    check: { run: { command: [./healthy.sh, "{service}", "{group}"] }, every: 5m, timeout: 1m }
    unpromoted: keep
    steps:
      - name: install
        run: { command: [./deploy.sh, install, "{service}", "{artifact}", "{group}", "{percent}"] }
        verify: { run: { command: [./verify.sh, "{service}", "{group}"] }, expected: 30s }
        undo: { command: [./deploy.sh, install, "{service}", "{previous}", "{group}", "{percent}"] }`,
  resources: `resources:
  payments-database: {}
  bandwidth: { capacity: 100 }`,
  concurrency: 'concurrency: 8',
  cycles: 'cycles: together',
  milestones: `milestones:
  new-racks: { what: the new racks are wired, due: 2026-11-27, owners: [omar] }`,
  obligations: `obligations:
  hours: { from: "08:00", to: "17:00" }
  rootCause: 5 working days`,
  events: `events:
  - { on: cdevents:artifact.published, is: build, service: "{/subject/id|name}", version: "{/subject/id|version}", artifact: "{/subject/id|digest}", builder: https://ci.shop.example/builders/release }
  - on: github:check_run.completed
    when: { /check_run/name: [smoke-test, end-to-end] }
    is: verified
    environment: preproduction
    version: "{/check_run/head_branch}"
  - { on: "github:issues", is: records, pass: [closed] }`,
  trackers: `trackers:
  shop: { kind: jira, url: https://shop.atlassian.net, records: ["SHOP-*"], user: bot@shop.example, secret: jira, ready: [Done, Released] }
  issues: { kind: github, records: ["shop/*#*"], secret: github }
  changes: { kind: servicenow, url: https://shop.service-now.com, records: ["CR*"], user: bot, secret: servicenow, ready: [Scheduled, Implement] }
  other: { kind: json, url: "https://tickets.shop.example/api/{record}", records: ["T-*"], pointer: /state, ready: [ready] }`,
  oncall: `oncall:
  schedules:
    operations: { rotation: { weekly: [olga, omar], handoff: Monday 09:00 } }
    around-the-clock:
      layers:
        - name: office
          rotation: { weekly: [dana, rita] }
          on: [Monday, Tuesday, Wednesday, Thursday, Friday]
          hours: 09:00-17:00
        - { name: rest, rotation: { daily: [olga, omar], handoff: "17:00" } }
  escalations:
    default:
      - { after: 0m, page: [schedule:operations] }
      - { after: 5m, page: [role:operations, person:rita] }
  catchAll: [role:operations, channel:oncall]
  absences:
    - { person: omar, from: 2026-12-21, to: 2026-12-27 }`,
  channels: `channels:
  releases: { slack: C01REL, teams: "19:releases@thread.tacv2" }
  oncall: { slack: C01ONC }`,
  quietHours: 'quietHours: { from: "20:00", to: "07:00" }',
};
