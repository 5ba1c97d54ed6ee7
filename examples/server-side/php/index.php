<?php
require __DIR__ . '/signpost.php';
$status = getenv('SIGNPOST_URL') ?: 'http://127.0.0.1:8000';
$notice = signpost_notice($status, 'direct_deposit', getenv('SIGNPOST_KEPT') ?: sys_get_temp_dir());
?>
<!doctype html>
<html lang="en-GB">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>Your payments</title>
</head>
<body>
  <h1>Your payments</h1>
  <?= $notice ?>
<?php if (strpos($notice, 'signpost--down') === false): ?>
  <form>
    <label>Account number <input name="account"></label>
    <button>Save</button>
  </form>
<?php endif ?>
  <p>Everything else on the page.</p>
</body>
</html>
