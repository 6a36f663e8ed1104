#!/usr/bin/env bash
# Installs what the tests need and the machine lacks, through Debian's
# packages. On other systems it says what to install by hand.
set -euo pipefail
missing=()
need() { command -v "$1" >/dev/null 2>&1 || missing+=("$2"); }
need chromium chromium
need firefox-esr firefox-esr
need node nodejs
need npm npm
need exiftool libimage-exiftool-perl
need mat2 mat2
need ffmpeg ffmpeg
need pdftoppm poppler-utils
need heif-enc libheif-examples
need cwebp webp
need xmllint libxml2-utils
need soffice "libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui"
[ ${#missing[@]} -eq 0 ] && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
  echo "setup: please install: ${missing[*]}" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo"
$sudo apt-get update -q
$sudo apt-get install -y -q --no-install-recommends ${missing[@]} # words: a tool may need several packages
