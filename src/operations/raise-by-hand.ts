import { changeName, changeNumber, deploymentName, deploymentNumber } from '../domain/change.ts';
import { severities } from '../domain/oncall.ts';
import { refuse } from '../domain/refusal.ts';
import { deploymentOfChange, findDeployment } from '../store/deployments.ts';
import type { Cause } from '../store/store.ts';
import type { Context } from './context.ts';
import { changeNamed, trainNamed } from './find.ts';
import { type Firing, receiveAlerts } from './raise-page.ts';

export { severities };

export interface ByHand {
  /** Names it for whoever shows it: the request's id. */
  readonly key: string;
  /** Absent only with `about`. */
  readonly summary?: string;
  readonly service?: string;
  /** The card on which somebody asked for a person: `CHG-3`, `DEP-4`, a train. */
  readonly about?: string;
  /** As typed; default `critical`: somebody asks for a person. Refuses `unknown-severity`. */
  readonly severity?: string;
}

/** Refuses `unknown-change`, `unknown-deployment` and `unknown-train`. */
export const raisePage = async (context: Context, cause: Cause, page: ByHand): Promise<void> => {
  const { key, service, severity: typed = 'critical' } = page;
  const severity =
    severities.find((one) => one === typed.toLowerCase()) ??
    refuse({ code: 'unknown-severity', facts: { severity: typed, known: [...severities] } });
  const about = page.about === undefined ? undefined : await contextOf(context, page.about);
  const by = context.policy().people.get(cause.actor)?.name ?? cause.actor;
  await receiveAlerts(context, cause, {
    source: 'chat',
    firing: [
      {
        key,
        recurs: false,
        severity,
        ...about,
        summary: page.summary ?? `${by} asks for whoever is on call for ${page.about ?? ''}`,
        ...(service === undefined ? {} : { service }),
        details: { ...about?.details, 'Raised by': by },
        startedAt: cause.at,
      },
    ],
    ended: [],
  });
};

type About = Pick<Firing, 'service' | 'subject' | 'group' | 'details'>;

/** What whoever is woken has to know of it. */
const contextOf = async (context: Context, name: string): Promise<About> => {
  const { db } = context.store;
  if (/^dep-\d+$/i.test(name) || /^chg-\d+$/i.test(name)) {
    const isChange = changeNumber(name) !== undefined && /^chg/i.test(name);
    const deployment = isChange ? undefined : await findDeployment(db, deploymentNumber(name) ?? 0);
    if (!isChange && deployment === undefined)
      refuse({ code: 'unknown-deployment', facts: { deployment: name } });
    const change = await changeNamed(
      { db },
      deployment === undefined ? name : changeName(deployment.change),
      'read',
    );
    const latest = deployment ?? (await deploymentOfChange(db, change.id));
    return {
      service: change.service,
      ...(latest === undefined ? {} : { subject: deploymentName(latest.id) }),
      details: { Change: changeName(change.id), Version: change.version, Train: change.train },
    };
  }
  const { id } = trainNamed(context.policy(), name);
  return { group: id, details: { Train: id } };
};
