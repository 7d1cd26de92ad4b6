import { describe, expect, test } from 'vitest';
import { noticeCard } from '../../src/cards/notice-card.ts';
import { unrecordedCard, unrecordedListCard } from '../../src/cards/observed-cards.ts';
import type { Notice } from '../../src/domain/notice.ts';
import type { ObservedChange } from '../../src/domain/observation.ts';
import { bytes, labels, night, policy, shown } from '../support/card-world.ts';

const change: ObservedChange = {
  id: 3,
  service: 'checkout',
  environment: 'production',
  platform: 'default',
  aspect: 'artifact',
  value: bytes('b'),
  was: bytes('a'),
  since: night,
  foundAt: night,
  state: 'open',
  answeredBy: null,
  answeredAt: null,
  incident: null,
  contacts: 1,
};
const answered = {
  ...change,
  state: 'claimed',
  answeredBy: 'dana',
  answeredAt: night,
  incident: 7,
} as const;

const said = (notice: Notice): string => shown(noticeCard(notice, policy, null));

describe('an unrecorded change', () => {
  const { service, environment, platform, aspect, value, was } = change;
  const notice = {
    kind: 'unrecorded',
    observed: 'OBS-3',
    service,
    environment,
    platform,
    aspect,
    value,
    was,
    since: night.toISOString(),
    again: false,
  } as const;

  test('asks whose it is, says what was seen, and offers both answers', () => {
    const text = said(notice);
    expect(text).toContain('Whose change is this? OBS-3 checkout');
    expect(text).toContain('In production runs `sha256:bbbbbbbb…` instead of `sha256:aaaaaaaa…`');
    expect(text).toContain('two readings agree');
    expect(text).toContain('incident claim OBS-3 <what was done>');
    expect(labels(noticeCard(notice, policy, null))).toEqual(['Claimed: it was us', 'Denied: it was not us']);
    expect(said({ ...notice, again: true })).toContain('Still nobody’s: OBS-3');
    expect(said({ ...notice, aspect: 'configuration', was: null, value: '2.0.0' })).toContain(
      'The configuration in production is `2.0.0`;',
    );
  });

  test('that was answered says by whom, and leads to what came of it', () => {
    expect(shown(unrecordedCard(answered, policy))).toContain('Claimed by Dana Dome');
    expect(labels(unrecordedCard(answered, policy))).toEqual(['Show']);
    const list = shown(unrecordedListCard([change, answered], policy));
    expect(list).toContain('1 change in production that nobody has recorded.');
    expect(list).toContain('— claimed by Dana Dome');
    expect(shown(unrecordedListCard([], policy))).toContain('accounted for');
  });
});

test('a deployment that is not seen says what is read instead, or that nobody looks', () => {
  const notice = {
    kind: 'not-observed',
    deployment: 'DEP-4',
    service: 'checkout',
    as: 'succeeded',
    artifact: bytes('b'),
    finished: night.toISOString(),
    read: bytes('a'),
  } as const;
  expect(said(notice)).toMatch(/DEP-4 of checkout has gone to production, and production does not show it/);
  expect(said(notice)).toMatch(/Is read[^\n]*sha256:aaaaaaaa…/);
  expect(said({ ...notice, as: 'rolled-back', read: null })).toMatch(/nothing since; does whatever reads it/);
});
