// Does a strict Java client (JAX-WS RI) understand the service? See ../README.md for the steps and options.

import com.sun.xml.ws.developer.SchemaValidationFeature;
import epix.stubs.AttachmentType;
import epix.stubs.CertificateKeyType;
import epix.stubs.CertificateResponseType;
import epix.stubs.CitesDataExchange;
import epix.stubs.CitesDataExchangeFault;
import epix.stubs.CitesDataExchangePortType;
import epix.stubs.CitesPositionType;
import epix.stubs.ConfirmQuantitiesRequestType;
import epix.stubs.ConfirmedQuantitiesType;
import epix.stubs.ObjectFactory;
import epix.stubs.QuantityType;
import epix.stubs.ServiceStateRequestType;
import epix.stubs.SupplyChainConsignmentItemType;
import epix.stubs.TransportEventType;
import java.math.BigDecimal;
import java.net.URL;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.ws.BindingProvider;

public final class Client {
    private static final List<String> REQUIRED = List.of("--wsdl", "--endpoint", "--number", "--country");

    private final Map<String, String> options = new HashMap<>();
    private final Map<String, BigDecimal> overrides = new TreeMap<>();

    /** A position of a permit, as answered. */
    private static final class Position {
        String id;
        String scientificName;
        BigDecimal permitted;
        String unit;
        BigDecimal confirmed;
    }

    private static final class Unexpected extends RuntimeException {
        Unexpected(String reason) {
            super(reason);
        }
    }

    /** A call that is expected to be refused. */
    private interface Attempt {
        void run() throws CitesDataExchangeFault;
    }

    public static void main(String[] arguments) {
        Client client = new Client();
        try {
            client.readOptions(arguments);
        } catch (IllegalArgumentException problem) {
            System.err.println(problem.getMessage());
            System.exit(2);
        }
        try {
            client.play();
        } catch (Exception problem) {
            String reason = problem instanceof Unexpected ? problem.getMessage() : problem.toString();
            tell("result", "failed", "reason", reason);
            System.exit(1);
        }
        tell("result", "passed");
    }

    private void readOptions(String[] arguments) {
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            if (arguments[i].equals("--confirm")) {
                String[] parts = arguments[i + 1].split("=", 2);
                overrides.put(parts[0], new BigDecimal(parts[1]));
            } else {
                options.put(arguments[i], arguments[i + 1]);
            }
        }
        for (String name : REQUIRED) {
            if (!options.containsKey(name)) {
                throw new IllegalArgumentException("missing: " + name);
            }
        }
    }

    private CitesDataExchangePortType connect() throws Exception {
        String wsdl = options.get("--wsdl");
        CitesDataExchange service = new CitesDataExchange(new URL(wsdl));
        // JAX-WS RI 2.3 copies the address into an XML document without escaping it, so checking needs one without "&".
        boolean checked = !wsdl.contains("&");
        tell("call", "connect", "schema_validation", checked);
        CitesDataExchangePortType port = checked
                ? service.getCitesDataExchangePort(new SchemaValidationFeature())
                : service.getCitesDataExchangePort();
        Map<String, Object> context = ((BindingProvider) port).getRequestContext();
        context.put(BindingProvider.ENDPOINT_ADDRESS_PROPERTY, options.get("--endpoint"));
        context.put("com.sun.xml.ws.connect.timeout", 20_000);
        context.put("com.sun.xml.ws.request.timeout", 20_000);
        return port;
    }

    private void play() throws Exception {
        CitesDataExchangePortType port = connect();
        String number = options.get("--number");

        ServiceStateRequestType stateRequest = new ServiceStateRequestType();
        stateRequest.setIsoCountryCode(options.get("--country"));
        String state = port.serviceState(stateRequest).getState();
        tell("call", "ServiceState", "state", state);
        expect(state != null && !state.isEmpty(), "ServiceState names no state");

        List<Position> issued = permit("GetNonFinalCitesCertificate", port.getNonFinalCitesCertificate(key(number)));
        expect(!issued.isEmpty(), "the permit has no positions");

        expectFault("PermitNotFound", "GetNonFinalCitesCertificate",
                () -> port.getNonFinalCitesCertificate(key(number + "-NONE")));
        expectFault("NotFinal", "GetFinalCitesCertificate", () -> port.getFinalCitesCertificate(key(number)));

        Map<String, BigDecimal> quantities = new TreeMap<>();
        issued.forEach(position -> quantities.put(position.id, position.permitted));
        quantities.putAll(overrides);
        boolean confirmed = port.confirmQuantities(confirmation(number, quantities)).isConfirmed();
        tell("call", "ConfirmQuantities", "confirmed", confirmed);
        expect(confirmed, "the quantities were not confirmed");

        for (Position position : permit("GetFinalCitesCertificate", port.getFinalCitesCertificate(key(number)))) {
            BigDecimal wanted = quantities.get(position.id);
            boolean same = position.confirmed != null && position.confirmed.compareTo(wanted) == 0;
            expect(same, "position " + position.id + ": " + position.confirmed + " is not " + wanted);
        }
    }

    private CertificateKeyType key(String number) {
        CertificateKeyType key = new CertificateKeyType();
        key.setCertificateNumber(number);
        if (options.containsKey("--token")) {
            key.setTokenId(new ObjectFactory().createCertificateKeyTypeTokenId(options.get("--token")));
        }
        key.setIsoCountryCode(options.get("--country"));
        return key;
    }

    private ConfirmQuantitiesRequestType confirmation(String number, Map<String, BigDecimal> quantities) {
        ConfirmedQuantitiesType list = new ConfirmedQuantitiesType();
        quantities.forEach((id, quantity) -> {
            CitesPositionType position = new CitesPositionType();
            position.setID(id);
            position.setInspectedUnitQuantity(quantity);
            list.getCitesPosition().add(position);
        });
        ConfirmQuantitiesRequestType request = new ConfirmQuantitiesRequestType();
        request.setCertificateNumber(number);
        if (options.containsKey("--token")) {
            request.setTokenId(new ObjectFactory().createConfirmQuantitiesRequestTypeTokenId(options.get("--token")));
        }
        request.setIsoCountryCode(options.get("--country"));
        request.setConfirmedQuantities(list);
        return request;
    }

    /** Prints what the answer holds and gives its positions. */
    private List<Position> permit(String call, CertificateResponseType answer) {
        List<Position> positions = new ArrayList<>();
        List<Map<String, Object>> shown = new ArrayList<>();
        for (SupplyChainConsignmentItemType item :
                answer.getCITESEPermit().getSpecifiedSupplyChainConsignment().getIncludedSupplyChainConsignmentItem()) {
            Position position = position(item);
            positions.add(position);
            shown.add(object("id", position.id, "scientific_name", position.scientificName,
                    "permitted", text(position.permitted), "unit", position.unit, "confirmed", text(position.confirmed)));
        }
        List<Map<String, Object>> attachments = new ArrayList<>();
        for (AttachmentType one : answer.getAttachments()) {
            attachments.add(object("name", one.getAttachmentName(), "bytes", one.getAttachmentContent().length));
        }
        String found = answer.getCITESEPermit().getHeaderExchangedDocument().getID().getValue();
        tell("call", call, "number", found, "positions", shown, "attachments", attachments,
                "composite", answer.isComposite());
        String number = options.get("--number");
        expect(number.equals(found), call + ": asked for permit " + number + ", got " + found);
        return positions;
    }

    private static Position position(SupplyChainConsignmentItemType item) {
        Position position = new Position();
        position.id = item.getID().get(0).getValue();
        position.scientificName = item.getIncludedSupplyChainTradeLineItem().get(0)
                .getSpecifiedTradeProduct().getScientificName().get(0).getValue();
        QuantityType quantity = item.getTransportLogisticsPackage().get(0).getItemQuantity();
        position.permitted = quantity.getValue();
        position.unit = quantity.getUnitCode();
        List<TransportEventType> events = item.getExaminationTransportEvent();
        if (!events.isEmpty() && events.get(events.size() - 1).getUnitQuantity() != null) {
            position.confirmed = events.get(events.size() - 1).getUnitQuantity().getValue();
        }
        return position;
    }

    private static void expectFault(String code, String call, Attempt attempt) {
        try {
            attempt.run();
        } catch (CitesDataExchangeFault fault) {
            String found = fault.getFaultInfo().getCode();
            tell("call", call, "fault", found, "request_id", fault.getFaultInfo().getRequestId());
            expect(code.equals(found), call + ": expected the fault " + code + ", got " + found);
            return;
        }
        throw new Unexpected(call + ": expected the fault " + code + ", got an answer");
    }

    private static void expect(boolean condition, String reason) {
        if (!condition) {
            throw new Unexpected(reason);
        }
    }

    private static String text(BigDecimal number) {
        return number == null ? null : number.toPlainString();
    }

    private static Map<String, Object> object(Object... namesAndValues) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            object.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return object;
    }

    private static void tell(Object... namesAndValues) {
        Map<String, Object> line = object("client", "jaxws");
        line.putAll(object(namesAndValues));
        System.out.println(json(line));
    }

    private static String json(Object value) {
        if (value == null || value instanceof Boolean || value instanceof Number) {
            return String.valueOf(value);
        }
        List<String> parts = new ArrayList<>();
        if (value instanceof Map<?, ?>) {
            ((Map<?, ?>) value).forEach((name, inner) -> parts.add(json(name) + ":" + json(inner)));
            return "{" + String.join(",", parts) + "}";
        }
        if (value instanceof List<?>) {
            ((List<?>) value).forEach(inner -> parts.add(json(inner)));
            return "[" + String.join(",", parts) + "]";
        }
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : value.toString().toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
