<?php
/* A section's notice from Signpost, for a page that PHP prints. No extension is needed; copy it as it is.

   <?= signpost_notice('https://status.example.org', 'direct_deposit', '/var/cache/www') ?>

   It is HTML, '' when there is nothing to show, and never an error. The folder is for copies: one that exists, and that
   nobody but the website writes to. */

const SIGNPOST_WAIT = 1.0;    // seconds that a page waits, at most
const SIGNPOST_FRESH = 15;    // seconds for which a copy is as good as new
const SIGNPOST_STALE = 300;   // and for which it stands in
const SIGNPOST_LARGEST = 64000;

function signpost_notice(string $url, string $key, string $folder): string
{
    $kept = $folder . '/signpost-' . hash('sha256', "$url $key");
    clearstatcache();
    if (time() - (@filemtime("$kept.asked") ?: 0) >= SIGNPOST_FRESH && @touch("$kept.asked")) {
        $said = signpost_ask(rtrim($url, '/') . '/embed/v1/sections/' . rawurlencode($key) . '.html');
        if ($said !== null && @file_put_contents("$kept.new", $said, LOCK_EX) !== false) {
            @rename("$kept.new", $kept);
        }
        clearstatcache();
    }
    return time() - (@filemtime($kept) ?: 0) < SIGNPOST_STALE ? (string) @file_get_contents($kept) : '';
}

/* What is answered, if it is a notice. PHP's own reader of addresses starts its time-out anew with each byte, so this one
   speaks HTTP itself. */
function signpost_ask(string $url): ?string
{
    $until = microtime(true) + SIGNPOST_WAIT;
    ['scheme' => $scheme, 'host' => $host, 'path' => $path] = parse_url($url);
    $is_secure = $scheme === 'https';
    $port = parse_url($url, PHP_URL_PORT) ?? ($is_secure ? 443 : 80);
    $line = @stream_socket_client(($is_secure ? 'tls' : 'tcp') . "://$host:$port", $number, $error, SIGNPOST_WAIT);
    if ($line === false) {
        return null;
    }
    fwrite($line, "GET $path HTTP/1.0\r\nHost: $host:$port\r\nUser-Agent: php\r\nConnection: close\r\n\r\n");
    $said = '';
    while (!feof($line) && strlen($said) <= SIGNPOST_LARGEST && ($left = $until - microtime(true)) > 0) {
        stream_set_timeout($line, 0, max(1, (int) ($left * 1e6)));
        $said .= (string) @fread($line, 8192);
    }
    $is_whole = feof($line) && strlen($said) <= SIGNPOST_LARGEST;
    fclose($line);
    [$head, $body] = explode("\r\n\r\n", $said, 2) + ['', ''];
    $is_ok = $is_whole && preg_match('~^HTTP/1\.\d 200 ~', $head);
    return $is_ok && preg_match('~^\s*<div class="signpost signpost--\w+"[^>]*>.*</div>\s*$~sD', $body) ? $body : null;
}
