<?php
// Does the SoapClient of PHP understand the service? See ../README.md for the steps and options.
declare(strict_types=1);

class Unexpected extends Exception {}

const REQUIRED = ['wsdl', 'endpoint', 'cert', 'key', 'ca', 'number', 'country'];

function main(): int
{
    $options = getopt('', ['dialect:', 'token:', 'confirm:', ...array_map(fn ($name) => "$name:", REQUIRED)]);
    $missing = array_filter(REQUIRED, fn ($name) => !isset($options[$name]));
    if ($missing) {
        fwrite(STDERR, 'missing: --' . implode(' --', $missing) . "\n");
        return 2;
    }
    try {
        play(connect($options), $options);
    } catch (Throwable $error) {
        tell(['result' => 'failed', 'reason' => $error->getMessage()]);
        return 1;
    }
    tell(['result' => 'passed']);
    return 0;
}

function connect(array $options): SoapClient
{
    $ssl = [
        'local_cert' => $options['cert'], 'local_pk' => $options['key'], 'cafile' => $options['ca'],
        'verify_peer' => true, 'verify_peer_name' => true,
    ];
    return new SoapClient($options['wsdl'], [
        'location' => $options['endpoint'],
        'stream_context' => stream_context_create(['ssl' => $ssl, 'http' => ['timeout' => 20]]),
        'cache_wsdl' => WSDL_CACHE_NONE,
        'exceptions' => true,
        'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
    ]);
}

function play(SoapClient $client, array $options): void
{
    $key = ['CertificateNumber' => $options['number'], 'IsoCountryCode' => $options['country']];
    if (isset($options['token'])) {
        $key['TokenId'] = $options['token'];
    }

    $answer = $client->ServiceState(['IsoCountryCode' => $options['country']]);
    $state = $answer->State ?? $answer->Value;
    tell(['call' => 'ServiceState', 'state' => $state]);
    expect($state !== '', 'ServiceState names no state');

    $issued = permit($client->GetNonFinalCitesCertificate($key), 'GetNonFinalCitesCertificate', $options['number']);
    expect(count($issued) > 0, 'the permit has no positions');

    $unknown = ['CertificateNumber' => $options['number'] . '-NONE'] + $key;
    expectFault('PermitNotFound', 'GetNonFinalCitesCertificate', fn () => $client->GetNonFinalCitesCertificate($unknown));
    expectFault('NotFinal', 'GetFinalCitesCertificate', fn () => $client->GetFinalCitesCertificate($key));

    $quantities = array_column($issued, 'permitted', 'id');
    foreach ((array) ($options['confirm'] ?? []) as $text) {
        [$id, $quantity] = explode('=', $text, 2);
        $quantities[$id] = $quantity;
    }
    $positions = [];
    foreach ($quantities as $id => $quantity) {
        $positions[] = ['ID' => $id, 'InspectedUnitQuantity' => $quantity];
    }
    $answer = $client->ConfirmQuantities($key + ['ConfirmedQuantities' => ['CitesPosition' => $positions]]);
    $confirmed = $answer->Confirmed ?? $answer->Value;
    tell(['call' => 'ConfirmQuantities', 'confirmed' => $confirmed]);
    expect($confirmed === true || $confirmed === 'true', 'the quantities were not confirmed');

    $final = permit($client->GetFinalCitesCertificate($key), 'GetFinalCitesCertificate', $options['number']);
    foreach ($final as ['id' => $id, 'confirmed' => $found]) {
        expect($found !== null && (float) $found === (float) $quantities[$id], "position $id: $found is not $quantities[$id]");
    }
}

/** Prints what the answer holds and gives its positions. */
function permit(object $answer, string $call, string $number): array
{
    $document = $answer->CBFShip ?? $answer->CITESEPermit;
    $positions = array_map('position', $document->SpecifiedSupplyChainConsignment->IncludedSupplyChainConsignmentItem);
    $found = text($document->HeaderExchangedDocument->ID);
    tell(['call' => $call, 'number' => $found, 'positions' => $positions, 'composite' => $answer->Composite]);
    expect($found === $number, "$call: asked for permit $number, got $found");
    return $positions;
}

function position(object $item): array
{
    $event = $item->ExaminationTransportEvent[0] ?? null;
    // Toolkit 1.0 has another name for it.
    $inspected = $event->UnitQuantity ?? $event->InspectedUnitQuantity ?? null;
    return [
        'id' => text($item->ID[0]),
        'scientific_name' => text($item->IncludedSupplyChainTradeLineItem[0]->SpecifiedTradeProduct->ScientificName[0]),
        'permitted' => text($item->TransportLogisticsPackage[0]->ItemQuantity),
        'confirmed' => $inspected === null ? null : text($inspected),
    ];
}

/** The text of a simple element: PHP wraps it where its type has attributes. */
function text(mixed $element): string
{
    return (string) (is_object($element) ? $element->_ : $element);
}

function expectFault(string $code, string $call, callable $attempt): void
{
    try {
        $attempt();
    } catch (SoapFault $fault) {
        expect(isset($fault->detail->CitesDataExchangeFault), "$call: fault without detail: {$fault->faultstring}");
        $detail = $fault->detail->CitesDataExchangeFault;
        tell(['call' => $call, 'faultcode' => $fault->faultcode, 'fault' => $detail->Code, 'request_id' => $detail->RequestId]);
        expect($detail->Code === $code, "$call: expected the fault $code, got {$detail->Code}");
        return;
    }
    throw new Unexpected("$call: expected the fault $code, got an answer");
}

function expect(bool $condition, string $reason): void
{
    if (!$condition) {
        throw new Unexpected($reason);
    }
}

function tell(array $what): void
{
    echo json_encode(['client' => 'php'] + $what, JSON_UNESCAPED_SLASHES), "\n";
}

exit(main());
