import { createTransport, type Transporter } from 'nodemailer';
import { DeliveryError, type Mail, type Mailer } from './integration.ts';

export interface SmtpOptions {
  /** `smtp://` (STARTTLS where the server has it) or `smtps://`, with user and password. */
  readonly url: { reveal(): string };
  /** The sender's address, with or without a name. */
  readonly from: string;
}

/** Of each step of the conversation, and of all of it. */
const stepMs = 5_000;
const limitMs = 10_000;

/** One connection for each mail: pages are few, and a connection that was kept may be dead. */
export const createSmtp = ({ url, from }: SmtpOptions): Mailer => ({
  send: async (mail) => {
    const transport = createTransport({
      url: url.reveal(),
      connectionTimeout: stepMs,
      greetingTimeout: stepMs,
      dnsTimeout: stepMs,
      socketTimeout: stepMs,
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new DeliveryError('no-answer', 'unknown')), limitMs);
    });
    try {
      return await Promise.race([post(transport, from, mail), late]);
    } catch (error) {
      throw deliveryError(error);
    } finally {
      clearTimeout(timer);
      transport.close();
    }
  },
});

const post = async (
  transport: Pick<Transporter, 'sendMail'>,
  from: string,
  { to, subject, text, key, about }: Mail,
): Promise<string> => {
  const host = /@([^\s>]+)/.exec(from)?.[1] ?? 'signalbox';
  const conversation = `<${about}@${host}>`;
  const { messageId } = await transport.sendMail({
    from,
    // As an object: nothing in the address is read as another recipient.
    to: { name: '', address: to },
    subject,
    text,
    messageId: `<${key.replaceAll('/', '.')}@${host}>`,
    inReplyTo: conversation,
    references: conversation,
    priority: 'high',
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return messageId;
};

/** A server that says no for good (5yz, RFC 5321 §4.2.1) is not asked again; after the last word it may have it. */
const deliveryError = (error: unknown): DeliveryError => {
  if (error instanceof DeliveryError) return error;
  const { responseCode, code } = factsOf(error);
  if (responseCode !== undefined)
    return new DeliveryError(`smtp-${responseCode}`, responseCode >= 500 ? 'refused' : 'retry');
  return new DeliveryError(code ?? 'smtp', code === 'EENVELOPE' ? 'refused' : 'unknown');
};

const factsOf = (error: unknown): { readonly responseCode?: number; readonly code?: string } => {
  if (!(error instanceof Error)) return {};
  return {
    ...('responseCode' in error && typeof error.responseCode === 'number'
      ? { responseCode: error.responseCode }
      : {}),
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
  };
};
