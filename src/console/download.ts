/** A stranger's file on its way to a browser that must do nothing with it but save it. */
import { savedName, servedType, type TicketAttachment } from '../stages/ticket-attachments.ts';

/** Always saved, never shown; of a type that is its own by its content, and of none when it could act. */
export function download(attachment: TicketAttachment, bytes: Buffer): Response {
  return new Response(new Uint8Array(bytes), {
    headers: {
      'Content-Type': servedType(attachment),
      'Content-Disposition': contentDisposition(savedName(attachment)),
      'Content-Length': String(bytes.length),
      'Cache-Control': 'private, no-store',
      'X-Content-Type-Options': 'nosniff',
    },
  });
}

/** RFC 6266: plain letters for old programs, and the name itself (RFC 8187). */
function contentDisposition(name: string): string {
  const plain = name.normalize('NFKD').replace(/[^\w. ()-]/g, '_');
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
