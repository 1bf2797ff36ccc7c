/** What mail programs themselves say about a piece of their HTML: a quotation, the line above one, a signature. */
import type { Line } from '../separate/lines.ts';

type Attributes = Readonly<Record<string, string>>;

/** Outlook on the web puts "x_" before the names in what it quotes. */
const named = (names: string) => new RegExp(`(?:^|\\s)(?:x_){0,5}(?:${names})(?:\\s|$)`, 'i');

/** Gmail, Thunderbird: the line "On … wrote". */
const ATTRIBUTION = named('gmail_attr|moz-cite-prefix|moz-email-headers-table|mail_android_quote_header');
/** Outlook, Yahoo, Zoho, Proton, AOL, Hotmail, Lark, Airmail: the box that holds the older mail. */
const HISTORY = named(
  'yahoo_quoted|zmail_extra|protonmail_quote|OutlookMessageHeader|divRplyFwdMsg|ms-outlook-mobile-reference-message|isReplyContent|hmmessage_quote|aolReplacedBody|ydp[0-9a-f]{1,12}yahoo_quoted|tutanota_quote|mail_quote|mailru-blockquote|iosymail|lark-mail-quote(?:-\\w{1,20})?|history-quote-wrapper|OLK_SRC_BODY_SECTION|bloop_original_html',
);
const SIGNATURE = named(
  'gmail_signature|gmail_signature_prefix|moz-signature|signature|AppleMailSignature|ms-outlook-mobile-signature|ms-outlook-mobile-body-signature|zmail_signature|protonmail_signature_block|mobile_signature|composer_signature|sh-signature|lark-mail-signature|__aliyun_signature_wrap|bloop_sign|Zm-_Id_-Sgn',
);

/** The mark of an element; undefined for most. */
export function markOfElement(attributes: Attributes): Line['mark'] | undefined {
  const { class: className, id } = attributes;
  if (className === undefined && id === undefined && attributes['data-smartmail'] === undefined) return undefined;
  const names = `${className ?? ''} ${id ?? ''}`.slice(0, 400);
  if (ATTRIBUTION.test(names)) return 'attribution';
  if (HISTORY.test(names)) return 'history';
  return SIGNATURE.test(names) || attributes['data-smartmail'] === 'gmail_signature' ? 'signature' : undefined;
}

/** Mail programs indent with blockquotes too: only a cited one, or one with a bar at its side, is history. */
export function isQuotation(name: string, attributes: Attributes): boolean {
  const style = attributes.style ?? '';
  // Outlook's bar is a div of its own making.
  if (name === 'div') return /border-left\s{0,5}:\s{0,5}solid\s{1,5}(?:blue|#[0-9a-f]{6})\s{1,5}1\.5pt/i.test(style);
  if (name !== 'blockquote') return false;
  return (
    attributes.type === 'cite' ||
    attributes.cite !== undefined ||
    /quote|cite|iosymail/i.test(`${attributes.class ?? ''} ${attributes.id ?? ''}`) ||
    /border-(?:left|right|inline-start)(?:-width|-style|-color)?\s{0,5}:\s{0,5}[^n0\s]/i.test(style)
  );
}
