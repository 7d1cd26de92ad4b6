import { createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly user: string | undefined;
  readonly headers: ReadonlyMap<string, string>;
  /** Decoded. */
  readonly text: string;
}

/** `refuse`: 550 to every recipient. `busy`: 451. `hang`: it says nothing. `drop`: gone after the message, unanswered. */
export type SmtpMood = 'accept' | 'refuse' | 'busy' | 'hang' | 'drop';

export interface SmtpServer {
  /** With user and password. */
  readonly url: string;
  readonly mails: readonly ReceivedMail[];
  mood: SmtpMood;
}

/** Speaks SMTP (RFC 5321) with AUTH PLAIN; ends with the test. */
export const smtpServer = async (onMail: (mail: ReceivedMail) => void = () => {}): Promise<SmtpServer> => {
  const mails: ReceivedMail[] = [];
  const sockets = new Set<Socket>();
  const server: { mood: SmtpMood } = { mood: 'accept' };
  const net = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    if (server.mood === 'hang') return;
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    let envelope = { from: '', to: [] as string[], user: undefined as string | undefined };
    let data: string[] | undefined;
    let pending = '';
    const finish = (lines: readonly string[]): void => {
      const mail = { ...envelope, ...parse(lines) };
      mails.push(mail);
      onMail(mail);
      if (server.mood === 'drop') socket.destroy();
      else say('250 2.0.0 queued');
    };
    const recipient = (line: string): void => {
      if (server.mood === 'accept' || server.mood === 'drop')
        envelope.to.push(/<(.*)>/.exec(line)?.[1] ?? '');
      say(
        { refuse: '550 5.1.1 no such user', busy: '451 4.3.0 later' }[String(server.mood)] ?? '250 2.1.5 ok',
      );
    };
    const command = (line: string): void => {
      if (data !== undefined) {
        if (line !== '.') return void data.push(line.replace(/^\./, ''));
        const lines = data;
        data = undefined;
        finish(lines);
        return;
      }
      const [verb = ''] = line.toUpperCase().split(' ');
      if (verb === 'EHLO') {
        say('250-here');
        say('250-AUTH PLAIN');
        say('250 8BITMIME');
      } else if (verb === 'AUTH') {
        const [, user] = Buffer.from(line.split(' ')[2] ?? '', 'base64')
          .toString()
          .split('\0');
        envelope.user = user;
        say('235 2.7.0 welcome');
      } else if (verb === 'MAIL') {
        envelope = { ...envelope, from: /<(.*)>/.exec(line)?.[1] ?? '', to: [] };
        say('250 2.1.0 ok');
      } else if (verb === 'RCPT') recipient(line);
      else if (verb === 'DATA') {
        data = [];
        say('354 go on');
      } else if (verb === 'QUIT') {
        say('221 2.0.0 bye');
        socket.end();
      } else say('250 ok');
    };
    socket.on('data', (bytes) => {
      pending += bytes.toString('latin1');
      for (;;) {
        const end = pending.indexOf('\r\n');
        if (end === -1) return;
        const line = pending.slice(0, end);
        pending = pending.slice(end + 2);
        command(line);
      }
    });
    say('220 here ESMTP');
  });
  await new Promise<void>((resolve) => net.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    net.close();
  });
  const address = net.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return Object.assign(server, { url: `smtp://mailer:of-the-test@127.0.0.1:${port}`, mails });
};

const parse = (lines: readonly string[]): Pick<ReceivedMail, 'headers' | 'text'> => {
  const gap = lines.indexOf('');
  const unfolded = lines
    .slice(0, gap)
    .join('\n')
    .replace(/\n[ \t]+/g, ' ')
    .split('\n');
  const headers = new Map(
    unfolded.map((line) => {
      const [name = '', ...rest] = line.split(':');
      return [name.toLowerCase(), rest.join(':').trim()] as const;
    }),
  );
  const body = lines.slice(gap + 1).join('\n');
  const coding = headers.get('content-transfer-encoding');
  const bytes =
    coding === 'base64'
      ? Buffer.from(body, 'base64')
      : coding === 'quoted-printable'
        ? Buffer.from(
            body
              .replace(/=\n/g, '')
              .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
            'latin1',
          )
        : Buffer.from(body, 'latin1');
  return { headers, text: bytes.toString('utf8') };
};
