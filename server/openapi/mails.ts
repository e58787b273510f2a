// For a site's operators: links for mails of their own, mailings, mails that wait, what mail servers tell.
import { InboundAnswer, LinkResults, MailEventsAnswer, MailingAnswer, MailingList, MailList } from '../answers/mails.ts'
import { Accepted } from '../answers/problem.ts'
import { MailEvents } from '../routes/mail-events.ts'
import { LinkOrder } from '../routes/mail-links.ts'
import { NewMailing } from '../routes/mailings.ts'
import { ACCEPT_LANGUAGE, type Answer, BYTES, type Contents, json, JSON_PROBLEMS, LANG, type Operation, OPERATOR_PROBLEMS, PAGE } from './terms.ts'

const SITE = '/v1/sites/:site'
const answer = (status: number, text: string, content: Contents): Answer => ({ status, text, content, headers: ['Cache-Control'] })
const mailing = { tag: 'Mails', scope: 'mail', idText: 'The mailing.' } as const

/** Operations on mails. */
export const MAIL_OPERATIONS: readonly Operation[] = [
  {
    method: 'post', path: `${SITE}/mail-links`, id: 'createMailLinks', tag: 'Mails', scope: 'mail', summary: 'Links and headers for mails of your own, up to 10,000 at once',
    text: 'With a `purpose_id` the unsubscribe links end that purpose alone, and who did not agree to it may not be sent to.', body: { text: 'At most 4 MiB.', content: json(LinkOrder) },
    answers: [answer(200, 'A result for each contact, in order.', json(LinkResults))], problems: [...OPERATOR_PROBLEMS, ...JSON_PROBLEMS, 'unknown_purpose'],
  },
  {
    method: 'post', path: `${SITE}/mailings`, id: 'startMailing', ...mailing, summary: 'Start a mail to the whole list', text: '`ask`: to those who never decided. `link`: a personal link for everybody.',
    body: { content: json(NewMailing) }, answers: [answer(201, 'It runs.', json(MailingAnswer))], problems: [...OPERATOR_PROBLEMS, ...JSON_PROBLEMS],
  },
  { method: 'get', path: `${SITE}/mailings`, id: 'listMailings', ...mailing, summary: 'Mailings, newest first', answers: [answer(200, 'All of them.', json(MailingList))], problems: OPERATOR_PROBLEMS },
  {
    method: 'get', path: `${SITE}/mailings/:id`, id: 'getMailing', ...mailing, summary: 'How far a mailing is',
    answers: [answer(200, 'The mailing.', json(MailingAnswer))], problems: [...OPERATOR_PROBLEMS, 'not_found'],
  },
  {
    method: 'post', path: `${SITE}/mailings/:id/stop`, id: 'stopMailing', ...mailing, summary: 'Stop a mailing that runs',
    answers: [answer(200, 'It is stopped.', json(MailingAnswer))], problems: [...OPERATOR_PROBLEMS, 'not_found', 'mailing_state'],
  },
  {
    method: 'post', path: `${SITE}/mailings/:id/resume`, id: 'resumeMailing', ...mailing, summary: 'Go on with a mailing that is stopped', text: 'It goes on where it was.',
    answers: [answer(200, 'It runs.', json(MailingAnswer))], problems: [...OPERATOR_PROBLEMS, 'not_found', 'mailing_state'],
  },
  { method: 'get', path: `${SITE}/mails`, id: 'listMails', tag: 'Mails', scope: 'mail', summary: 'Mails that wait or are stuck, at most 1000', answers: [answer(200, 'The oldest first.', json(MailList))], problems: OPERATOR_PROBLEMS },
  {
    method: 'post', path: `${SITE}/mails/:id/retry`, id: 'retryMail', tag: 'Mails', scope: 'mail', idText: 'The mail.', summary: 'Send a stuck mail after all',
    answers: [answer(202, 'It is tried again.', json(Accepted))], problems: [...OPERATOR_PROBLEMS, 'not_found'],
  },
  {
    method: 'post', path: `${SITE}/mail-events`, id: 'reportMailEvents', tag: 'Mails', scope: 'mail-events', summary: 'Bounces and complaints that a provider tells', body: { content: json(MailEvents) },
    answers: [answer(200, 'They are taken; nothing goes to these contacts but what they ask for themselves.', json(MailEventsAnswer))], problems: [...OPERATOR_PROBLEMS, ...JSON_PROBLEMS],
  },
  {
    method: 'post', path: `${SITE}/inbound-mails`, id: 'takeInboundMail', tag: 'Mails', scope: 'mail-events', summary: 'A message that came back, whole',
    text: 'A delivery report (RFC 3464), a complaint (RFC 5965), or a mail that unsubscribes (RFC 2369). Any other is fine, too.',
    body: { text: 'At most 1 MiB.', content: { 'message/rfc822': BYTES, 'text/plain': BYTES } },
    answers: [answer(200, 'What it was.', json(InboundAnswer))], problems: [...OPERATOR_PROBLEMS, 'media_type', 'too_large'],
  },
  {
    method: 'get', path: `${SITE}/mail-preview`, id: 'showMailPreviews', tag: 'Mails', summary: 'Every mail with invented content, as a page', text: 'Nothing of anybody’s is in it, so it needs no token.', parameters: [LANG, ACCEPT_LANGUAGE],
    answers: [answer(200, 'The page.', PAGE)], problems: ['unknown_site'],
  },
  {
    method: 'get', path: `${SITE}/mail-preview/:kind`, id: 'showMailPreview', tag: 'Mails', summary: 'One of them', parameters: [LANG, ACCEPT_LANGUAGE],
    answers: [answer(200, 'The mail, for a frame.', PAGE)], problems: ['unknown_site', 'not_found'],
  },
]
