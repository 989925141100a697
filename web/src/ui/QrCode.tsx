/** A text as a QR code, for the camera of a phone. Black on white in every colour scheme: not every camera reads the reverse. */
import { encode } from "uqr";

export function QrCode({ text, label, size = 184 }: { text: string; label: string; size?: number }) {
  const code = encode(text, { ecc: "M", border: 3 });
  const path = code.data
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")))
    .join("");
  return (
    <svg
      role="img"
      aria-label={label}
      width={size}
      height={size}
      viewBox={`0 0 ${code.size} ${code.size}`}
      shapeRendering="crispEdges"
    >
      <rect width={code.size} height={code.size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
