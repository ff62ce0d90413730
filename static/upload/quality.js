// Whether a photo looks too dark or too blurred to be read. Only a hint.

const SIDE = 320;
const DARK = 60; // mean brightness of 255
const BLURRED = 25; // variance of the Laplacian; sharp text has several hundred

export async function doubtsAbout(file) {
  let image;
  try {
    image = await createImageBitmap(file, { resizeWidth: SIDE, resizeQuality: "high" });
  } catch {
    return ""; // the server will report what is wrong
  }
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const { data, width, height } = context.getImageData(0, 0, image.width, image.height);
  image.close();
  const grey = new Float32Array(width * height);
  let sum = 0;
  for (let at = 0; at < grey.length; at += 1) {
    grey[at] = 0.299 * data[4 * at] + 0.587 * data[4 * at + 1] + 0.114 * data[4 * at + 2];
    sum += grey[at];
  }
  if (sum / grey.length < DARK) return "dark";
  return variance(grey, width, height) < BLURRED ? "blurred" : "";
}

export function variance(grey, width, height) {
  let sum = 0;
  let squares = 0;
  let count = 0;
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x;
      const edge = 4 * grey[at] - grey[at - 1] - grey[at + 1] - grey[at - width] - grey[at + width];
      sum += edge;
      squares += edge * edge;
      count += 1;
    }
  }
  return count ? squares / count - (sum / count) ** 2 : Infinity;
}
