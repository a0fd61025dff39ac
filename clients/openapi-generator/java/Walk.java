import java.util.List;
import java.util.Objects;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.ApiResponse;
import org.openapitools.client.JSON;
import org.openapitools.client.api.ProfilesApi;
import org.openapitools.client.model.AddressRecordInput;
import org.openapitools.client.model.PhoneRecordInput;
import org.openapitools.client.model.Profile;
import org.openapitools.client.model.ProfileInput;
import org.openapitools.client.model.ProfileInputPhoneNumber;
import org.openapitools.client.model.ProfilePatch;

/** What an agent desktop does, by the Java client that is generated from the document. */
public final class Walk {
    private static final int STALE = 412;
    private static final int MERGED = 404;
    private static final int DELETED = 404;

    private final ProfilesApi profiles;

    private Walk(ProfilesApi profiles) {
        this.profiles = profiles;
    }

    public static void main(String[] arguments) throws ApiException {
        new Walk(new ProfilesApi(new ApiClient().setBasePath(arguments[0]))).walk();
    }

    private void walk() throws ApiException {
        String bruce = create(given("Bruce", "+1 805 555 0301"));
        same(identified("+1 805 555 0301"), List.of(bruce));

        ApiResponse<Profile> queried = query(bruce);
        String tag = queried.getHeaders().get("ETag").get(0);
        same(queried.getData().getPhone().get(0).getPhoneNumber(), "+1 805 555 0301");
        same(queried.getData().getAddress().getCity(), "Dayton");
        ProfileInput changed = putBack(queried.getData()).firstName("Robert");
        same(update(bruce, changed, tag), bruce);
        refused(STALE, () -> update(bruce, changed, tag));

        ProfilePatch patch = new ProfilePatch().lastName(null).title("Dr.");
        profiles.patchProfile(bruce, patch, null, null, null, null, null, null, null);
        Profile again = query(bruce).getData();
        same(again.getFirstName(), "Robert");
        same(again.getLastName(), null);
        same(again.getTitle(), "Dr.");
        same(again.getPhone().get(0).getPhoneNumber(), "+1 805 555 0301");

        String betty = create(given("Betty", "+1 805 555 0303"));
        profiles.mergeProfile(bruce, betty, null, null, null, null, null);
        same(query(betty).getData().getCustomerId(), bruce);
        same(identified("+1 805 555 0303"), List.of(bruce));
        refused(MERGED, () -> update(betty, given("Betty", "+1 805 555 0303"), null));
        profiles.deleteProfile(bruce, null, null, null, null, null, null);
        refused(DELETED, () -> query(bruce));
    }

    private String create(ProfileInput given) throws ApiException {
        return profiles.createProfile(given, null, null, null, null, null, null, null)
                .getCustomerId();
    }

    private String update(String id, ProfileInput given, String tag) throws ApiException {
        return profiles.updateProfile(id, given, tag, null, null, null, null, null, null)
                .getCustomerId();
    }

    private ApiResponse<Profile> query(String id) throws ApiException {
        List<String> extensions = List.of("Phone", "Address");
        return profiles.queryProfileWithHttpInfo(id, extensions, null, null, null, null);
    }

    private List<String> identified(String number) throws ApiException {
        List<?> found = (List<?>) profiles.identifyProfiles(
                null, List.of(number), null, null, null, null, null, null, null, null, null, null,
                null, null, null).getActualInstance();
        return found.stream().map(each -> ((Profile) each).getCustomerId()).toList();
    }

    private static ProfileInput given(String firstName, String number) {
        PhoneRecordInput phone = new PhoneRecordInput().phoneNumber(number).phoneType(1);
        return new ProfileInput()
                .firstName(firstName)
                .lastName("Banner")
                .phoneNumber(new ProfileInputPhoneNumber(List.of(number)))
                .phone(List.of(phone))
                .address(new AddressRecordInput().city("Dayton"));
    }

    /** What was answered, as it is written. */
    private static ProfileInput putBack(Profile answered) {
        return JSON.getDefault().getMapper().convertValue(answered, ProfileInput.class);
    }

    private interface Call {
        void make() throws ApiException;
    }

    private static void refused(int status, Call call) {
        try {
            call.make();
        } catch (ApiException error) {
            same(error.getCode(), status);
            return;
        }
        throw new AssertionError("was not refused with " + status);
    }

    private static void same(Object found, Object expected) {
        if (!Objects.equals(found, expected)) {
            throw new AssertionError(found + " instead of " + expected);
        }
    }
}
