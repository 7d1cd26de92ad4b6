import type { Block } from '../chat/card.ts';
import { bold } from '../chat/card.ts';
import { pageName } from '../domain/page.ts';
import type { DeploymentView } from '../domain/view.ts';
import { bullets, header, type Item } from './blocks.ts';
import { clip, clockTime, count } from './words.ts';

/** Alerts of the service that wait for the end of its deployment. */
export const heldBlocks = ({ held }: DeploymentView): readonly Block[] =>
  held.length === 0
    ? []
    : [
        header(count(held.length, 'page waits', 'pages wait'), [' for its end:']),
        ...bullets(
          held.map(
            (page): Item => ({
              mark: 'waiting',
              text: [
                bold(pageName(page.id)),
                ` ${clip(page.summary, 150)} (${page.severity})`,
                ...(page.dueAt === null ? [] : [', paged at ', clockTime(page.dueAt), ' unless it ends']),
              ],
            }),
          ),
          5,
        ),
      ];
