// Models in, finished pages and mails out. Every text of a model ends up escaped; no page needs JavaScript.
import { type ComponentType, h } from 'preact'
import { renderToString } from 'preact-render-to-string'
import '../ui/locales.ts'
import { ApiDocument } from './ApiDocument.tsx'
import type * as api from './api-model.ts'
import { EvidenceDocument, TokenDocument } from './EvidenceDocument.tsx'
import { Expired } from './Expired.tsx'
import { composeText, MailDocument, subjectOf } from './MailDocument.tsx'
import { MailPreviews } from './MailPreviews.tsx'
import type * as model from './model.ts'
import { NewLink } from './NewLink.tsx'
import { NoticeComparison } from './NoticeComparison.tsx'
import { NoticeDocument } from './NoticeDocument.tsx'
import { Preferences } from './Preferences.tsx'
import { PreviewDocument } from './PreviewDocument.tsx'
import { ProblemDocument } from './ProblemDocument.tsx'
import type * as proof from './proof-model.ts'
import { ReceiptDocument } from './ReceiptDocument.tsx'
import { Step } from './Step.tsx'
import { Unsubscribe } from './Unsubscribe.tsx'
import { VerifyDocument } from './VerifyDocument.tsx'

/** The preference centre. */
export const renderPreferencePage = (page: model.PreferencePage): string => renderDocument(Preferences, page)

/** A step towards what needs a code. */
export const renderStepPage = (page: model.StepPage): string => renderDocument(Step, page)

/** The page of a withdraw-only link. */
export const renderUnsubscribePage = (page: model.UnsubscribePage): string => renderDocument(Unsubscribe, page)

/** The page of a personal link past its time. */
export const renderExpiredPage = (page: model.ExpiredPage): string => renderDocument(Expired, page)

/** The page for links that do not work, and for asking for one. */
export const renderNewLinkPage = (page: model.NewLinkPage): string => renderDocument(NewLink, page)

/** A notice as a page. */
export const renderNoticePage = (page: model.NoticePage): string => renderDocument(NoticeDocument, page)

/** A problem type as a page. */
export const renderProblemPage = (page: model.ProblemPage): string => renderDocument(ProblemDocument, page)

/** A receipt as a page. */
export const renderReceiptPage = (page: proof.ReceiptPage): string => renderDocument(ReceiptDocument, page)

/** The checking page. */
export const renderVerifyPage = (page: proof.VerifyPage): string => renderDocument(VerifyDocument, page)

/** The evidence behind an event. */
export const renderEvidencePage = (page: proof.EvidencePage): string => renderDocument(EvidenceDocument, page)

/** The form that asks the operator for the token. */
export const renderTokenPage = (page: proof.TokenPage): string => renderDocument(TokenDocument, page)

/** Two versions of a notice. */
export const renderComparisonPage = (page: proof.ComparisonPage): string => renderDocument(NoticeComparison, page)

/** The page on which the widget draws an old banner or form. */
export const renderPreviewPage = (page: proof.PreviewPage): string => renderDocument(PreviewDocument, page)

/** What the service answers to. */
export const renderApiPage = (page: api.ApiPage): string => renderDocument(ApiDocument, page)

/** Every mail of a site, to look at. */
export const renderMailPreviewPage = (page: model.MailPreviewPage): string => renderDocument(MailPreviews, page)

/** A mail's subject and its two parts. */
export function renderMail(mail: model.MailModel): model.RenderedMail {
  return { subject: subjectOf(mail), text: composeText(mail), html: renderDocument(MailDocument, mail) }
}

function renderDocument<Model>(Document: ComponentType<{ model: Model }>, model: Model): string {
  return `<!doctype html>\n${renderToString(h(Document, { model }))}\n`
}
