import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decisionMarkdown, packetMarkdown } from '../cards/packet-markdown.ts';
import type { Log } from '../log.ts';
import { auditPacket } from '../operations/audit-packet.ts';
import { replayDecision } from '../operations/replay-decision.ts';
import type { Settings } from '../settings.ts';
import { answered, type Outcome } from './database.ts';

/** `allowed because …`: the gate is asked again by what it decided by. Fails when that does not bear the decision out. */
export const auditWhyCommand = (
  settings: Settings,
  log: Log,
  deployment: string,
  zone: string,
): Promise<Outcome> =>
  answered(settings, log, async (store) => {
    const decision = await replayDecision(store, deployment);
    const holds = decision.genuine && decision.excuses.length === 0;
    return { text: decisionMarkdown(decision, zone), json: decision, exit: holds ? 0 : 1 };
  });

/** Writes `TRAIN.md` and `TRAIN.json` into the folder. */
export const auditPacketCommand = (
  settings: Settings,
  log: Log,
  train: string,
  options: { readonly folder: string; readonly zone: string },
): Promise<Outcome> =>
  answered(settings, log, async (store) => {
    const packet = await auditPacket(store, train);
    const files = {
      markdown: join(options.folder, `${train}.md`),
      json: join(options.folder, `${train}.json`),
    };
    writeFileSync(files.markdown, packetMarkdown(packet, options.zone));
    writeFileSync(files.json, `${JSON.stringify(packet, null, 2)}\n`);
    return { text: `Written: ${files.markdown}, ${files.json}.`, json: files, exit: 0 };
  });
