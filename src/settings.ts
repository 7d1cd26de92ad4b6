import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { z } from 'zod';

/** A value that logs, JSON and error messages show as `[secret]`. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  /** The value itself, for the one place that hands it to its service. */
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return '[secret]';
  }
  toJSON(): string {
    return '[secret]';
  }
  [inspect.custom](): string {
    return '[secret]';
  }
}

export interface Settings {
  /** PostgreSQL 13 or later. Absent: an embedded one under `dataFolder`. */
  readonly databaseUrl?: Secret;
  /** Absent: BullMQ runs on PostgreSQL. */
  readonly redisUrl?: Secret;
  readonly dataFolder: string;
  readonly policyFile: string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** As the world reaches the HTTP server; no slash at the end. */
  readonly publicUrl?: string;
  readonly slack?: SlackSettings;
  readonly teams?: TeamsSettings;
  /** Key of the HMAC that signs the native hooks; absent: those hooks refuse everything. */
  readonly hookSecret?: Secret;
  /** What Alertmanager sends as a bearer token, and others as PagerDuty's routing key; absent: they are refused. */
  readonly alertKey?: Secret;
  /** What senders of CDEvents that cannot sign send as a bearer token; absent: they have to sign. */
  readonly eventKey?: Secret;
  /** The secret of GitHub's webhooks; absent: they are refused. */
  readonly githubSecret?: Secret;
  /** Asked every minute while pages go out: a dead man's switch elsewhere. */
  readonly heartbeatUrl?: string;
  /** Absent: nobody can be called or sent an SMS. */
  readonly twilio?: TwilioSettings;
  /** Absent: nobody gets pages by e-mail. */
  readonly smtp?: SmtpSettings;
  /** Webhooks and PagerDuty, where the policy names them; absent: no system is told of pages, as in a rehearsal. */
  readonly systems?: { readonly pagerdutyUrl: string };
}

export interface SmtpSettings {
  /** With user and password. */
  readonly url: Secret;
  /** The address that mails come from. */
  readonly from: string;
}

export interface TwilioSettings {
  readonly accountSid: string;
  readonly authToken: Secret;
  /** The number that calls and messages come from. */
  readonly from: string;
  /** Of any service that speaks the protocol. */
  readonly apiUrl: string;
}

export interface SlackSettings {
  readonly botToken: Secret;
  /** With it, Slack's requests come in over HTTP. */
  readonly signingSecret?: Secret;
  /** With it, they come in over Socket Mode. */
  readonly appToken?: Secret;
  readonly apiUrl?: string;
}

export type TeamsSettings =
  | { readonly kind: 'local' }
  | {
      readonly kind: 'azure';
      readonly appId: string;
      readonly appPassword?: Secret;
      readonly tenantId?: string;
      readonly appType: 'SingleTenant' | 'MultiTenant' | 'UserAssignedMSI';
    };

export interface SettingsFault {
  readonly variable: string;
  readonly message: string;
}

/** Every fault of the environment at once; no message shows a secret. */
export class FaultySettings extends Error {
  readonly code = 'faulty-settings';
  readonly faults: readonly SettingsFault[];
  constructor(faults: readonly SettingsFault[]) {
    super(faults.map(({ variable, message }) => `${variable}: ${message}`).join('\n'));
    this.name = 'FaultySettings';
    this.faults = faults;
  }
}

const urlWith = (schemes: readonly string[]) =>
  z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)), {
    error: `must be a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  });

const secret = (schema: z.ZodType<string> = z.string()) => schema.transform((value) => new Secret(value));
const startsWith = (prefix: string) => z.string().startsWith(prefix, `must begin with ${prefix}`);
const web = urlWith(['http', 'https']).transform((url) => url.replace(/\/+$/, ''));

/** The variables, by the names that operators write. */
const Environment = z.object({
  DATABASE_URL: secret(urlWith(['postgres', 'postgresql'])).optional(),
  REDIS_URL: secret(urlWith(['redis', 'rediss'])).optional(),
  SIGNALBOX_DATA: z.string().default('./.signalbox'),
  SIGNALBOX_POLICY: z.string().default('signalbox.yaml'),
  HOST: z.string().default('127.0.0.1'),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a port number')
    .transform(Number)
    .refine((port) => port <= 65_535, 'must be at most 65535')
    .default(3_000),
  PUBLIC_URL: web.optional(),
  SLACK_BOT_TOKEN: secret(startsWith('xoxb-')).optional(),
  SLACK_SIGNING_SECRET: secret().optional(),
  SLACK_APP_TOKEN: secret(startsWith('xapp-')).optional(),
  SLACK_API_URL: web.optional(),
  MicrosoftAppId: z.string().optional(),
  MicrosoftAppPassword: secret().optional(),
  MicrosoftAppTenantId: z.string().optional(),
  MicrosoftAppType: z.enum(['SingleTenant', 'MultiTenant', 'UserAssignedMSI']).default('SingleTenant'),
  SIGNALBOX_TEAMS_LOCAL: z.enum(['0', '1'], 'must be 1 or 0').optional(),
  SIGNALBOX_HOOK_SECRET: secret(z.string().min(16, 'must have at least 16 characters')).optional(),
  SIGNALBOX_ALERT_KEY: secret(z.string().min(16, 'must have at least 16 characters')).optional(),
  SIGNALBOX_EVENT_KEY: secret(z.string().min(16, 'must have at least 16 characters')).optional(),
  SIGNALBOX_GITHUB_SECRET: secret(z.string().min(16, 'must have at least 16 characters')).optional(),
  SIGNALBOX_HEARTBEAT_URL: web.optional(),
  TWILIO_ACCOUNT_SID: z.string().optional(),
  TWILIO_AUTH_TOKEN: secret().optional(),
  TWILIO_FROM: z
    .string()
    .regex(/^\+[1-9][0-9]{6,14}$/, 'must be a number such as +15550100')
    .optional(),
  TWILIO_API_URL: web.default('https://api.twilio.com'),
  SMTP_URL: secret(urlWith(['smtp', 'smtps'])).optional(),
  SMTP_FROM: z
    .string()
    .regex(/^([^<>\n]*<)?[^@\s<>]+@[^@\s<>]+>?$/, 'must be an address such as signalbox@your-company.example')
    .optional(),
  PAGERDUTY_API_URL: web.default('https://events.pagerduty.com'),
});
type Environment = z.infer<typeof Environment>;

/** May be given as `NAME_FILE`, the path of a file that holds the value. */
const secrets = [
  'DATABASE_URL',
  'REDIS_URL',
  'SLACK_BOT_TOKEN',
  'SLACK_SIGNING_SECRET',
  'SLACK_APP_TOKEN',
  'MicrosoftAppPassword',
  'SIGNALBOX_HOOK_SECRET',
  'SIGNALBOX_ALERT_KEY',
  'SIGNALBOX_EVENT_KEY',
  'SIGNALBOX_GITHUB_SECRET',
  'TWILIO_AUTH_TOKEN',
  'SMTP_URL',
  'SMTP_FROM',
  'PAGERDUTY_API_URL',
] as const satisfies readonly (keyof Environment)[];

type Given = Partial<Record<keyof Environment, string>>;
type Variables = Readonly<Record<string, string | undefined>>;

/** The variables that are set, those from files included. An empty variable counts as absent. */
const gather = (variables: Variables, faults: SettingsFault[]): Given => {
  const given: Given = {};
  for (const name of Environment.keyof().options) {
    const value = variables[name]?.trim();
    if (value !== undefined && value !== '') {
      given[name] = value;
    }
  }
  for (const name of secrets) {
    const variable = `${name}_FILE`;
    const path = variables[variable];
    if (path === undefined || path === '') {
      continue;
    }
    if (name in given) {
      faults.push({ variable, message: `is set together with ${name}; keep one of them` });
      continue;
    }
    try {
      given[name] = readFileSync(path, 'utf8').trim();
      if (given[name] === '') {
        faults.push({ variable, message: `names an empty file (${path})` });
      }
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      faults.push({ variable, message: `names a file that cannot be read (${path}: ${reason})` });
    }
  }
  return given;
};

const loopback = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/;

/** What no single variable shows. Judged by what was given, so that a faulty token is not also called missing. */
const contradictions = (given: Given): readonly SettingsFault[] => {
  const has = (name: keyof Environment): boolean => name in given;
  const host = given.HOST ?? '127.0.0.1';
  const local = given.SIGNALBOX_TEAMS_LOCAL === '1';
  const faults: (readonly [boolean, keyof Environment, string])[] = [
    [
      local && !loopback.test(host),
      'SIGNALBOX_TEAMS_LOCAL',
      `takes Teams messages without credentials, so HOST must be loopback, not ${host}`,
    ],
    [
      local && has('MicrosoftAppId'),
      'SIGNALBOX_TEAMS_LOCAL',
      'is set together with MicrosoftAppId; keep one of them',
    ],
    [
      has('SLACK_BOT_TOKEN') && !has('SLACK_SIGNING_SECRET') && !has('SLACK_APP_TOKEN'),
      'SLACK_BOT_TOKEN',
      'needs SLACK_SIGNING_SECRET (HTTP) or SLACK_APP_TOKEN (Socket Mode)',
    ],
    [
      !has('SLACK_BOT_TOKEN') && (has('SLACK_SIGNING_SECRET') || has('SLACK_APP_TOKEN')),
      'SLACK_BOT_TOKEN',
      'is missing, while other Slack credentials are set',
    ],
    [
      !has('MicrosoftAppId') && (has('MicrosoftAppPassword') || has('MicrosoftAppTenantId')),
      'MicrosoftAppId',
      'is missing, while other Teams credentials are set',
    ],
    [
      has('MicrosoftAppId') && !has('MicrosoftAppPassword') && given.MicrosoftAppType !== 'UserAssignedMSI',
      'MicrosoftAppPassword',
      'is missing, while MicrosoftAppId is set',
    ],
    [
      has('MicrosoftAppId') && !has('MicrosoftAppTenantId'),
      'MicrosoftAppTenantId',
      'is missing: it names the company whose people are let in, whatever the MicrosoftAppType',
    ],
    [has('SMTP_URL') && !has('SMTP_FROM'), 'SMTP_FROM', 'is missing, while SMTP_URL is set'],
    [has('SMTP_FROM') && !has('SMTP_URL'), 'SMTP_URL', 'is missing, while SMTP_FROM is set'],
  ];
  return faults.flatMap(([wrong, variable, message]) => (wrong ? [{ variable, message }] : []));
};

/** Present only when it has a value: an absent setting is an absent key. */
const some = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  // A computed key of a type parameter is not typed as that key.
  (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };

const slackOf = (e: Environment): SlackSettings | undefined =>
  e.SLACK_BOT_TOKEN && {
    botToken: e.SLACK_BOT_TOKEN,
    ...some('signingSecret', e.SLACK_SIGNING_SECRET),
    ...some('appToken', e.SLACK_APP_TOKEN),
    ...some('apiUrl', e.SLACK_API_URL),
  };

const teamsOf = (e: Environment): TeamsSettings | undefined => {
  if (e.SIGNALBOX_TEAMS_LOCAL === '1') {
    return { kind: 'local' };
  }
  return e.MicrosoftAppId === undefined
    ? undefined
    : {
        kind: 'azure',
        appId: e.MicrosoftAppId,
        appType: e.MicrosoftAppType,
        ...some('appPassword', e.MicrosoftAppPassword),
        ...some('tenantId', e.MicrosoftAppTenantId),
      };
};

const twilioOf = (e: Environment): TwilioSettings | undefined =>
  e.TWILIO_ACCOUNT_SID === undefined || e.TWILIO_AUTH_TOKEN === undefined || e.TWILIO_FROM === undefined
    ? undefined
    : {
        accountSid: e.TWILIO_ACCOUNT_SID,
        authToken: e.TWILIO_AUTH_TOKEN,
        from: e.TWILIO_FROM,
        apiUrl: e.TWILIO_API_URL,
      };

/** Reads the environment (and the files that `NAME_FILE` variables name). Throws `FaultySettings` with every fault. */
export const readSettings = (variables: Variables): Settings => {
  const faults: SettingsFault[] = [];
  const given = gather(variables, faults);
  const { data, error } = Environment.safeParse(given);
  for (const issue of error?.issues ?? []) {
    faults.push({ variable: issue.path.join('.'), message: issue.message });
  }
  faults.push(...contradictions(given));
  if (data === undefined || faults.length > 0) {
    throw new FaultySettings(faults);
  }
  return {
    dataFolder: data.SIGNALBOX_DATA,
    policyFile: data.SIGNALBOX_POLICY,
    host: data.HOST,
    port: data.PORT,
    ...some('databaseUrl', data.DATABASE_URL),
    ...some('redisUrl', data.REDIS_URL),
    ...some('publicUrl', data.PUBLIC_URL),
    ...some('slack', slackOf(data)),
    ...some('teams', teamsOf(data)),
    ...some('hookSecret', data.SIGNALBOX_HOOK_SECRET),
    ...some('alertKey', data.SIGNALBOX_ALERT_KEY),
    ...some('eventKey', data.SIGNALBOX_EVENT_KEY),
    ...some('githubSecret', data.SIGNALBOX_GITHUB_SECRET),
    ...some('heartbeatUrl', data.SIGNALBOX_HEARTBEAT_URL),
    ...some('twilio', twilioOf(data)),
    ...(data.SMTP_URL === undefined || data.SMTP_FROM === undefined
      ? {}
      : { smtp: { url: data.SMTP_URL, from: data.SMTP_FROM } }),
    systems: { pagerdutyUrl: data.PAGERDUTY_API_URL },
  };
};
