// The mails there are.

/**
 * confirm: a typed address. link: a personal link. changed: what was decided, with undo. ask: for a first decision.
 * reask, remind: before a consent ends. verbal: what somebody noted. code, new_address: a code. address: tells the old
 * address of the new one. erased: the last mail.
 */
export const MAIL_KINDS = ['confirm', 'link', 'changed', 'ask', 'reask', 'remind', 'verbal', 'code', 'new_address', 'address', 'erased'] as const
export type MailKind = (typeof MAIL_KINDS)[number]

/** Mails without a link of their own to press: what they say is all. */
export const hasButton = (kind: MailKind): kind is Exclude<MailKind, 'code' | 'new_address' | 'erased'> => !['code', 'new_address', 'erased'].includes(kind)
